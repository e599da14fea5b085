/// What stands, or is to stand, in a bundle's files: all of it in one, or the key in a file of its own.
public struct BundleBytes: Sendable, Equatable {
    /// The file that HAProxy is told to load.
    public let main: SecretBytes
    /// The key's own file; nil where there is none.
    public let key: SecretBytes?

    /// Takes the bytes as they are.
    public init(main: SecretBytes, key: SecretBytes? = nil) {
        self.main = main
        self.key = key
    }

    /// Both in one file, the key last.
    public var joined: SecretBytes {
        guard let key else { return main }
        return SecretBytes(capacity: main.count + 1 + key.count) { output in
            main.withSpan { span in
                for index in span.indices { output.append(span[index]) }
                // A file written by hand may end in the middle of a line.
                if let last = span.indices.last, span[last] != UInt8(ascii: "\n") { output.append(UInt8(ascii: "\n")) }
            }
            key.withSpan { span in for index in span.indices { output.append(span[index]) } }
        }
    }
}

extension Bundle {
    /// The canonical bytes for one file, or for two: the certificates, and the key.
    public func bytes(inTwoFiles: Bool) -> BundleBytes {
        guard inTwoFiles else { return BundleBytes(main: rendered()) }
        let certificates = [leaf] + chain
        return BundleBytes(
            main: SecretBytes(capacity: certificates.reduce(0) { $0 + $1.pemCount }) { output in
                for certificate in certificates { certificate.appendPEM(to: &output) }
            },
            key: SecretBytes(capacity: key.pemCount) { key.appendPEM(to: &$0) })
    }
}
