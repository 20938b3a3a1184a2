class WebchatChannel < ApplicationCable::Channel
  def subscribed
    return reject unless Visitor.exists?(token: params[:session])
    stream_from Message.stream(params[:conversation])
  end

  # Ephemeral: not persisted, so never replayed, and without an id.
  def typing(data)
    ActionCable.server.broadcast(Message.stream(params[:conversation]), data.except("action").merge(type: "typing"))
  end
end
