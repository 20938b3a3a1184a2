# Something that is edited and deleted. Whoever catches up from this table learns of new comments only; from the log of what
# happened to them (CommentEvent), also of edits and deletions that were made while the browser was offline.
class Comment < ApplicationRecord
  # In the same transaction: a change without its event would never reach anybody.
  after_create { log "created" }
  after_update { log "updated" }
  after_destroy { log "deleted" }

  private

  def log(kind)
    CommentEvent.create!(conversation: conversation, kind: kind, comment_id: id, body: (body unless kind == "deleted"))
  end
end
