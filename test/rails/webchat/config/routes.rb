Webchat.routes.draw do
  scope "/webchats/:webchat_id" do
    resources :messages, only: [:index, :create]
    resources :comments, only: [:index, :create, :update, :destroy]
    get "comments/events", to: "comment_events#index"
  end
  get "/up", to: ->(_env) { [200, { "Content-Type" => "text/plain" }, [ENV.fetch("NODE_NAME", "")]] }

  post "/sign_in", to: "sessions#create"
  delete "/sign_in", to: "sessions#destroy"

  if ENV["FAULTS"] # the tests
    FaultsController.action_methods.each { |fault| post "/faults/#{fault}", to: "faults##{fault}" }
    get "/_control/stats", to: "control#stats"
    post "/_control", to: "control#create"
  end
end
