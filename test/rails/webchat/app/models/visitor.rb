# Somebody who has the chat open: known by the token that the server rendered into the page.
class Visitor < ApplicationRecord
end
