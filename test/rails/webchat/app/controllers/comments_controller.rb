class CommentsController < ActionController::API
  before_action { head :forbidden unless Visitor.exists?(token: params[:session]) }

  def index
    comments = Comment.where(conversation: params[:conversation]).order(:id)
    # Which event the page's start is: everything later is caught up. Read first, so that nothing falls in between.
    cursor = CommentEvent.where(conversation: params[:conversation]).maximum(:id)
    render json: { comments: comments, cursor: cursor }
  end

  def create
    render json: Comment.create!(params.permit(:conversation, :body)), status: :created
  end

  def update
    render json: comment.tap { |found| found.update!(params.permit(:body)) }
  end

  def destroy
    comment.destroy!
    head :no_content
  end

  private

  def comment
    Comment.find_by!(id: params[:id], conversation: params[:conversation])
  end
end
