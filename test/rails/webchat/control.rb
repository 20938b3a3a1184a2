# What test/conformance and test/browser ask of a server, on real Rails: a channel that echoes, a log of what was heard, ways
# to end sockets. Loaded when FAULTS is set; not to be copied.

module Heard
  mattr_accessor :commands, default: Concurrent::Array.new
  # Those below /webchats, in the order of their arrival.
  mattr_accessor :requests, default: Concurrent::Array.new
  mattr_accessor :opened, default: 0
  # How many of the next connections are to be rejected.
  mattr_accessor :rejections, default: 0

  def self.reset
    commands.clear
    requests.clear
  end

  # Milliseconds since 1970.
  def self.now
    (Time.now.to_f * 1_000).to_i
  end

  # Before the thread pool takes its turn with commands, so in the order in which they came.
  module Receiving
    def receive(text)
      Heard.commands << JSON.parse(text).slice("command", "identifier").merge(at: Heard.now)
      super
    end
  end

  module Opening
    def connect
      Heard.opened += 1
      return super unless Heard.rejections.positive?
      Heard.rejections -= 1
      reject_unauthorized_connection
    end
  end

  class Listening
    def initialize(app)
      @app = app
    end

    def call(env)
      return @app.call(env) unless env["PATH_INFO"].start_with?("/webchats")
      query = Rack::Utils.parse_query(env["QUERY_STRING"])
      request = { at: Heard.now, method: env["REQUEST_METHOD"], path: env["PATH_INFO"],
                  after_id: query["after_id"], limit: query["limit"], status: nil }
      Heard.requests << request
      @app.call(env).tap { |status, *| request[:status] = status }
    end
  end
end

Webchat.config.middleware.insert_before 0, Heard::Listening

class ControlController < ActionController::API
  def stats
    render json: { sockets: sockets.size, opened: Heard.opened, commands: Heard.commands, requests: Heard.requests }
  end

  def create
    orders = JSON.parse(request.raw_post)
    Heard.reset if orders["reset"]
    Heard.rejections = orders["unauthorized"] if orders["unauthorized"]
    sockets.each { |socket| cut(socket) } if orders["drop"]
    orders["disconnect"]&.then { |how| sockets.each { |each| each.close(reason: how["reason"], reconnect: how["reconnect"]) } }
    orders["raw"]&.then { |text| sockets.each { |socket| socket.send(:websocket).transmit(text) } }
    orders["broadcast"]&.then { |what| EchoChannel.say(JSON.parse(what["identifier"]), what["message"]) }
    render json: {}
  end

  private

  def sockets
    ActionCable.server.connections
  end

  # Without a close frame, as when a process dies.
  def cut(socket)
    socket.send(:websocket).instance_variable_get(:@websocket).instance_variable_get(:@stream).close
  end
end

Rails.application.config.after_initialize do
  ActionCable::Connection::Base.prepend Heard::Receiving
  ApplicationCable::Connection.prepend Heard::Opening

  echo = Class.new(ApplicationCable::Channel) do
    def self.say(params, message)
      ActionCable.server.broadcast("echo:#{params.sort.to_json}", message)
    end

    def subscribed
      stream_from "echo:#{params.to_h.sort.to_json}"
    end

    def echo(data)
      transmit passed_on(data)
    end

    def broadcast(data)
      self.class.say(params.to_h, passed_on(data))
    end

    private

    def passed_on(data)
      data.key?("value") ? data["value"] : data
    end
  end
  Object.const_set(:EchoChannel, echo)
end
