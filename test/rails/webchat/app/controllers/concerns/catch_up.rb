# GET …?after_id=<id>&limit=<n>: what came after an id. Browsers repeat a GET whose connection was cut, so it only reads.
module CatchUp
  extend ActiveSupport::Concern

  LARGEST_PAGE = 500

  included do
    include ActionController::Cookies
    before_action { head :forbidden unless Visitor.exists?(token: params[:session]) }
    before_action { head :forbidden unless VisitorDigest.fits?(params[:identity], cookies.signed[:visitor] || "anonymous") }
    rescue_from Replayable::Gone do
      render json: { error: "What came after #{params[:after_id]} is no longer kept." }, status: :gone
    end
  end

  private

  def render_replay(model)
    after = params[:after_id].presence && Integer(params[:after_id])
    limit = params.fetch(:limit, 200).to_i.clamp(0, LARGEST_PAGE)
    render json: model.replay(params[:conversation], after: after, limit: limit)
  rescue ArgumentError
    render json: { error: "after_id is a message's id." }, status: :unprocessable_entity
  end
end
