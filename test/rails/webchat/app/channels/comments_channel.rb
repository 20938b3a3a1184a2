class CommentsChannel < ApplicationCable::Channel
  def subscribed
    return reject unless Visitor.exists?(token: params[:session])
    stream_from CommentEvent.stream(params[:conversation])
  end
end
