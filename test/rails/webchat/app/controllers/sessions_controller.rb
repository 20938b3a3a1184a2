class SessionsController < ActionController::API
  include ActionController::Cookies

  def create
    cookies.signed[:visitor] = { value: params[:visitor], httponly: true, same_site: :lax }
    head :no_content
  end

  # The log-out also ends the sockets that were opened with this cookie, in whatever process they are.
  def destroy
    visitor = cookies.signed[:visitor]
    ActionCable.server.remote_connections.where(visitor: visitor).disconnect if visitor
    cookies.delete(:visitor)
    head :no_content
  end
end
