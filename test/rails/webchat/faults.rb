# What the tests need to make this application behave as badly as real ones do. Loaded when FAULTS is set; not to be copied.

require "action_controller/railtie"

class FaultsController < ActionController::API
  # Persists rows and tells everybody, or nobody: a process killed between commit and broadcast.
  def persist
    render json: Array.new(params.fetch(:count, 1).to_i) { write }
  end

  # One thread, one broadcast after the other. What stands between here and the sockets is two pools of threads.
  def burst
    drafts = Array.new(params[:count].to_i) { draft.merge(created_at: Time.current) }
    rows = Message.where(id: Message.insert_all!(drafts).pluck("id")).order(:id).to_a
    rows.each { |row| ActionCable.server.broadcast(Message.stream(row.conversation), row.as_json) }
    render json: rows.map(&:id)
  end

  # A row takes its id, another one takes the next and is committed and broadcast, and `ms` later the first one commits.
  def commit_late
    ids = []
    Message.transaction do
      ids << write
      ids << Thread.new { Message.connection_pool.with_connection { Message.create!(draft).id } }.value
      sleep params[:ms].to_f / 1_000
    end
    render json: ids
  end

  # Retention: everything up to an id is deleted.
  def purge
    render json: Message.where(conversation: params[:conversation]).where("id <= ?", params[:through]).delete_all
  end

  # As if the site were new: no messages, and nothing heard.
  def blank
    Message.connection.execute("TRUNCATE messages RESTART IDENTITY")
    Heard.reset
    Heard.opened = 0
    head :no_content
  end

  def ids
    render json: Message.where(conversation: params[:conversation]).order(:id).ids
  end

  def kick
    ActionCable.server.remote_connections.where(visitor: params[:visitor]).disconnect
    head :no_content
  end

  # As on a code reload: a `disconnect` frame with the reason `server_restart`.
  def restart
    ActionCable.server.restart
    head :no_content
  end

  def origins
    ActionCable.server.config.allowed_request_origins = params[:origins]
    head :no_content
  end

  # What this one process serves: the identifiers of each socket.
  def sockets
    render json: ActionCable.server.connections.map { |each| each.statistics[:subscriptions] }
  end

  # Whether this one process listens to the broker, which it does from its first socket on.
  def listens
    render json: !ActionCable.server.pubsub.instance_variable_get(:@listener).nil?
  end

  # The broker is left behind, as by Rails 8.1 when it loses it for a moment: sockets stay open and get pings, and nothing else.
  def detach
    ActionCable.server.pubsub.shutdown
    ActionCable.server.instance_variable_set(:@pubsub, nil)
    head :no_content
  end

  private

  def write
    return Message.create!(draft).id unless params[:broadcast] == "never"
    Message.insert!(draft.merge(created_at: Time.current)).first["id"] # without callbacks
  end

  def draft
    { conversation: params[:conversation], author: "agent", body: params.fetch(:body, "hello") }
  end
end

module Faults
  # Shows the newest message by itself, and so before Rails confirms.
  def self.eager_channel
    Class.new(WebchatChannel) do
      def subscribed
        Message.where(conversation: params[:conversation]).order(:id).last&.then { |message| transmit message.as_json }
        super
      end
    end
  end

  # Raises in `subscribed` for the first of each nonce, and in an action.
  def self.faulty_channel
    Class.new(WebchatChannel) do
      @nonces = Concurrent::Set.new
      singleton_class.attr_reader :nonces

      def subscribed
        raise "The first one fails" if self.class.nonces.add?(params[:nonce])
        super
      end

      def explode
        raise "An action fails"
      end
    end
  end
end

Rails.application.config.after_initialize do
  Object.const_set(:EagerChannel, Faults.eager_channel)
  Object.const_set(:FaultyChannel, Faults.faulty_channel)
  # A real application's transaction does more than write one row. Here it takes as long as the message says: "250 ms".
  Message.after_create { sleep body.to_i / 1_000.0 if body.match?(/\A\d+ ms\z/) }
end
