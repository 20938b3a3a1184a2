# GET …?after_id=<id>&limit=<n>: what came after an id. Browsers repeat a GET whose connection was cut, so it only reads.
module CatchUp
  extend ActiveSupport::Concern

  LARGEST_PAGE = 500

  included do
    include ActionController::Cookies
    before_action { head :forbidden unless Visitor.exists?(token: params[:session]) }
    before_action { head :forbidden unless VisitorDigest.fits?(params[:for], cookies.signed[:visitor] || "anonymous") }
    rescue_from Replayable::Gone do
      render json: { error: "What came after #{params[:after_id]} is no longer kept." }, status: :gone
    end
  end

  private

  def render_replay(model)
    given = params[:after_id].presence
    after = given && Integer(given, exception: false)
    return render json: { error: "after_id is the id of a row." }, status: :unprocessable_entity if given && !after

    limit = params.fetch(:limit, 200).to_i.clamp(0, LARGEST_PAGE)
    render json: model.replay(params[:conversation], after: after, limit: limit)
  end
end
