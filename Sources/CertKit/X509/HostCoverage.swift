extension Certificate {
    /// Whether a client that asks for `host` accepts this certificate's names (RFC 9525, section 6.3).
    ///
    /// A wildcard is the whole first label and stands for exactly one, never for the apex. An address matches an address
    /// only. The common name proves nothing.
    public func covers(_ host: String) -> Bool {
        if let address = canonicalAddress(host) { return names.contains(.ip(address)) }
        let host = canonicalHost(host)
        guard !host.isEmpty else { return false }
        return dnsNames.contains { name in matches(host, canonicalHost(name)) }
    }
}

/// The same for names in the form that they are shown in, where the certificate itself is not at hand.
public func isCovered(_ host: String, byNames names: [String]) -> Bool {
    if let address = canonicalAddress(host) { return names.contains(address) }
    let host = canonicalHost(host)
    return !host.isEmpty && names.contains { matches(host, canonicalHost($0)) }
}

/// Lower case, without the dot that ends a name in the DNS.
private func canonicalHost(_ name: String) -> Substring {
    let lower = Substring(name.lowercased())
    return lower.last == "." ? lower.dropLast() : lower
}

private func matches(_ host: Substring, _ name: Substring) -> Bool {
    // Unicode equality would hold for different bytes; host names are compared as bytes.
    if host.utf8.elementsEqual(name.utf8) { return true }
    guard name.utf8.starts(with: "*.".utf8), let dot = host.utf8.firstIndex(of: UInt8(ascii: ".")) else { return false }
    let base = name.utf8.dropFirst(2)
    // As libcrypto has it: no wildcard for a whole top-level domain.
    guard base.contains(UInt8(ascii: ".")), dot != host.utf8.startIndex else { return false }
    return host.utf8[host.utf8.index(after: dot)...].elementsEqual(base)
}
