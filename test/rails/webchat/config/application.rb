ENV["RAILS_ENV"] ||= "production"

require "rails"
require "active_record/railtie"
require "action_controller/railtie"
require "action_cable/engine"

# DATABASE_URL, CABLE_ADAPTER (see cable.yml), REDIS_URL and ORIGIN come from the environment.
class Webchat < Rails::Application
  config.root = File.expand_path("..", __dir__)
  config.load_defaults 6.1
  config.eager_load = true
  config.secret_key_base = ENV.fetch("SECRET_KEY_BASE")
  config.logger = ActiveSupport::Logger.new($stdout)
  config.log_level = :warn

  # A refused Origin is an HTTP 404 to the browser, which cannot tell it from a network failure: list all of them.
  config.action_cable.allowed_request_origins = [ENV.fetch("ORIGIN")]
  config.action_cable.allow_same_origin_as_host = false
  config.action_cable.mount_path = "/cable"
end

%w[faults control].each { |file| require_relative "../#{file}" } if ENV["FAULTS"]
