module ApplicationCable
  class Connection < ActionCable::Connection::Base
    identified_by :visitor

    def connect
      self.visitor = cookies.signed[:visitor] || "anonymous"
      # A page that was rendered for one visitor, with the cookies of the next: see app/models/visitor_digest.rb.
      reject_unauthorized_connection unless VisitorDigest.fits?(request.params[:for], visitor)
    end
  end
end
