# The digest of an identity, as Trunkline's `identityParam` sends it with the cable's URL and with every catch-up. It is a
# short name for the identity and no secret: cookies say who somebody is, this says for whom the page was made.
module VisitorDigest
  MASK = 0xffffffff

  # Pages that do not say for whom they were made are let in.
  def self.fits?(digest, identity)
    digest.blank? || digest == of(identity)
  end

  # Two rounds of cyrb53 over UTF-16 units, in base 36.
  def self.of(identity)
    units = identity.encode("UTF-16LE").unpack("v*")
    [0, 0x5bd1e995].map { |seed| cyrb53(units, seed).to_s(36) }.join("-")
  end

  def self.cyrb53(units, seed)
    a, b = 0xdeadbeef ^ seed, 0x41c6ce57 ^ seed
    units.each do |unit|
      a = (a ^ unit) * 2654435761 & MASK
      b = (b ^ unit) * 1597334677 & MASK
    end
    a = mix(a, b)
    b = mix(b, a)
    ((b & 0x1fffff) << 32) + a
  end

  def self.mix(one, other)
    ((one ^ (one >> 16)) * 2246822507 & MASK) ^ ((other ^ (other >> 13)) * 3266489909 & MASK)
  end

  private_class_method :cyrb53, :mix
end
