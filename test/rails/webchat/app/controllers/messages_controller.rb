class MessagesController < ActionController::API
  include CatchUp

  def index
    render_replay Message
  end

  # Safe to repeat: a sender that got no answer sends the same key again. The row may exist although nobody was told of it:
  # the server can die between commit and broadcast, and the broadcast itself can fail.
  def create
    message = Message.create!(params.permit(:conversation, :author, :body, :client_key))
    render json: message, status: :created
  rescue ActiveRecord::RecordNotUnique
    render json: Message.find_by!(client_key: params[:client_key])
  end
end
