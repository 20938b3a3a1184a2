# One entry of the log: `id` is the event's own, so each edit of one comment is news.
class CommentEvent < ApplicationRecord
  include Replayable

  def as_json(*)
    { type: "comment.#{kind}", id: id, comment: { id: comment_id, body: body }, created_at: created_at.iso8601(3) }
  end
end
