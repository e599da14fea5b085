/// What a `bind` line says, before the files it names are looked at.
struct BindLine {
    /// A `crt` or a `crt-list` with its argument, in the order of the line.
    enum Source {
        case certificate(ConfigurationLine.Word)
        case list(ConfigurationLine.Word)

        var word: ConfigurationLine.Word {
            switch self {
            case .certificate(let word), .list(let word): word
            }
        }
    }

    let addresses: [BindAddress]
    private(set) var isTLS = false
    private(set) var sources: [Source] = []
    private(set) var expectsProxyProtocol = false
    private(set) var requiresClientCertificates = false
    /// Whether it is limited to an interface or another network namespace.
    private(set) var isElsewhere = false

    init(_ line: ConfigurationLine) {
        let words = line.words.dropFirst()
        addresses = (words.first.map { [$0] } ?? []).flatMap { word in
            word.text.split(separator: ",").map { BindAddress(String($0), mayHoldVariable: word.holdsVariable) }
        }
        var options = words.dropFirst()
        while let option = options.popFirst() {
            let value = Self.optionsWithValue.contains(option.text) ? options.popFirst() : nil
            take(option.text, value)
        }
    }

    private mutating func take(_ option: String, _ value: ConfigurationLine.Word?) {
        switch (option, value) {
        case ("ssl", _): isTLS = true
        case ("crt", let word?), ("default-crt", let word?): sources.append(.certificate(word))
        case ("crt-list", let word?): sources.append(.list(word))
        case ("accept-proxy", _), ("accept-netscaler-cip", _): expectsProxyProtocol = true
        case ("verify", let word?): requiresClientCertificates = word.text == "required"
        case ("namespace", _), ("interface", _): isElsewhere = true
        default: break
        }
    }

    /// The options of 2.6 to 3.2 that take one value, which must not be read as an option: `name ssl`.
    private static let optionsWithValue: Set = [
        "accept-netscaler-cip", "alpn", "backlog", "ca-file", "ca-ignore-err", "ca-sign-file", "ca-sign-pass",
        "ca-verify-file", "cc", "ciphers", "ciphersuites", "client-sigalgs", "crl-file", "crt", "crt-ignore-err",
        "crt-list", "curves", "default-crt", "ecdhe", "expose-fd", "gid", "group", "guid-prefix", "id", "idle-ping",
        "interface", "ktls", "label", "level", "maxconn", "mode", "mss", "name", "namespace", "nbconn", "nice", "npn",
        "ocsp-update", "process", "proto", "quic-cc-algo", "quic-socket", "severity-output", "shards", "sigalgs",
        "ssl-max-ver", "ssl-min-ver", "tcp-md5sig", "tcp-ut", "thread", "tls-ticket-keys", "uid", "user", "verify",
    ]
}
