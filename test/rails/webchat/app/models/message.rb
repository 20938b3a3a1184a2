class Message < ApplicationRecord
  include Replayable

  def as_json(*)
    { type: "message", id: id, conversation: conversation, author: author, body: body,
      created_at: created_at.iso8601(3), client_key: client_key }
  end
end
