/// What is wrong with the DER of a certificate or a key.
@nonexhaustive
public enum DERFault: String, Sendable, Equatable {
    /// An element ends beyond its parent.
    case cutShort = "an element is cut short"
    /// A length that is indefinite, too large or not in its shortest form.
    case badLength = "a length is not in its shortest form"
    /// Another element than the structure wants.
    case unexpectedElement = "an element stands where another belongs"
    /// Bytes after the end.
    case leftover = "bytes are left over"
    /// A number that is empty, padded, negative or too large.
    case badInteger = "a number is not well formed"
    /// A truth value that is neither 00 nor FF.
    case badBoolean = "a truth value is neither 00 nor FF"
    /// Bits that belong to no byte.
    case badBitString = "a bit string is not well formed"
    /// An object identifier that is empty, padded or cut short.
    case badObjectIdentifier = "an object identifier is not well formed"
    /// Text that is not in the encoding its tag promises.
    case badText = "a text is not in its encoding"
    /// A time that is not in the form of RFC 5280 or does not exist.
    case badTime = "a date does not exist or is not in its form"
    /// A version that X.509 does not have, or that does not go with what follows.
    case badVersion = "the version does not go with the content"
    /// An extension that stands twice.
    case duplicateExtension = "an extension stands twice"
    /// More extensions than are read.
    case tooManyExtensions = "more than 100 extensions"
    /// More names than are read.
    case tooManyNames = "more than 10000 names"
    /// The algorithm that is signed differs from the one outside.
    case algorithmsDisagree = "the inner and the outer signature algorithm differ"
    /// A public key that its algorithm cannot have.
    case badPublicKey = "the public key is not well formed"
    /// A private key that its algorithm cannot have.
    case badPrivateKey = "the private key is not well formed"
}
