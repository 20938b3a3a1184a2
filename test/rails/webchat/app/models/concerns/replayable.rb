# A table that browsers catch up from: rows are added, belong to one conversation, and are broadcast once they are committed.
#
# What a broadcast shows is what a catch-up returns, because both are `as_json` of the row.
module Replayable
  extend ActiveSupport::Concern

  # The longest that a transaction may take from writing a row to committing it. A row with a lower id or an earlier time
  # can become visible so much later than one that a browser has seen already.
  OVERLAP = 10.seconds

  # Rows before this place are deleted: nobody can say any more what came after it.
  class Gone < StandardError; end

  included do
    # After commit, never before: a browser that asks because of the broadcast must find the row.
    after_create_commit { ActionCable.server.broadcast(self.class.stream(conversation), as_json) }
  end

  class_methods do
    def stream(conversation)
      "#{table_name}:#{conversation}"
    end

    # @param after [Integer, nil] nil: from the beginning
    # @return [Hash] oldest first. Rows up to `after` that may have become visible since are returned once more; they do
    #   not count against the limit.
    # @raise [Gone] retention deletes the oldest rows, so where nothing up to `after` is left, neither is all that followed
    def replay(conversation, after:, limit:)
      rows = where(conversation: conversation)
      page = rows.where("id > ?", after || 0).order(:id).limit(limit + 1).to_a
      repeated = after && limit.positive? ? overlap(rows, after) : []
      { messages: repeated + page.first(limit), has_more: page.size > limit, cursor: rows.maximum(:id) }
    end

    private

    def overlap(rows, after)
      last = rows.where("id <= ?", after).order(:id).last or raise Gone
      rows.where("id <= ? AND created_at >= ?", after, last.created_at - OVERLAP).order(:id).to_a
    end
  end
end
