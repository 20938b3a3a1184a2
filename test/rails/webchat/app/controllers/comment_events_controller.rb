class CommentEventsController < ActionController::API
  include CatchUp

  def index
    render_replay CommentEvent
  end
end
