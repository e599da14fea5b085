public import CertKit

extension HAProxyProcess {
    /// Why this process cannot take the PEM text in one command, if that is so; `bufferSize` is `tune.bufsize` where
    /// that is known.
    ///
    /// - Throws: ``RuntimeError`` for a name or a text that no HAProxy would take.
    public func obstacle(
        to pem: SecretBytes, named name: String, bufferSize: Int?
    ) throws(RuntimeError) -> RuntimeError? {
        let size = try RuntimeMessage(command: command("set ssl cert", name), payload: pem).bytes.count
        let limit = longestMessage(configured: bufferSize)
        guard size > limit else { return nil }
        return .tooLarge(name: name, size: size, limit: limit, version: version)
    }
}
