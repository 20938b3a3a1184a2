# `created_at` is written when a row is made, so before it commits; ids are taken then, too. So neither the order of ids nor
# that of times is the order in which rows become visible: see app/models/concerns/replayable.rb.

ActiveRecord::Schema.define do
  create_table :visitors do |t|
    t.string :token, null: false, index: { unique: true }
  end

  create_table :messages do |t|
    t.string :conversation, null: false
    t.string :author, null: false
    t.text :body, null: false
    t.string :client_key, index: { unique: true } # the sender's idempotency key
    t.datetime :created_at, null: false, precision: 6
    t.index [:conversation, :id]
  end

  create_table :comments do |t|
    t.string :conversation, null: false
    t.text :body, null: false
    t.timestamps precision: 6
  end

  create_table :comment_events do |t|
    t.string :conversation, null: false
    t.string :kind, null: false
    t.bigint :comment_id, null: false
    t.text :body
    t.datetime :created_at, null: false, precision: 6
    t.index [:conversation, :id]
  end
end
