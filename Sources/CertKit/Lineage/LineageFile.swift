/// The four files of a lineage, in the order in which certbot links them.
public enum LineageFile: String, Sendable, Hashable, CaseIterable {
    /// The leaf.
    case cert
    /// Its private key.
    case privkey
    /// The intermediates.
    case chain
    /// The leaf and the intermediates.
    case fullchain
}

extension LineageFile {
    /// Its name in the lineage's directory.
    var name: String { "\(rawValue).pem" }

    /// The name under which certbot remembers the link of before while it updates.
    var previousName: String { "previous_\(rawValue).pem" }

    /// Its name in the archive for generation `number`.
    func name(in number: Int) -> String { "\(rawValue)\(number).pem" }

    /// The generation that an archive name stands for; nil where certbot would not take it for one of its own.
    func number(of name: some StringProtocol) -> Int? {
        // By bytes: comparing characters was a tenth of reading a lineage.
        let bytes = Substring(name).utf8
        guard bytes.starts(with: rawValue.utf8) else { return nil }
        let rest = bytes.dropFirst(rawValue.utf8.count)
        guard rest.suffix(4).elementsEqual(".pem".utf8) else { return nil }
        let digits = rest.dropLast(4)
        return digits.allSatisfy { (0x30...0x39).contains($0) } ? Int(Substring(digits)) : nil
    }
}

/// One value for each of the four files.
struct ForEachFile<Value> {
    var cert: Value
    var privkey: Value
    var chain: Value
    var fullchain: Value

    /// Asks for the values in certbot's order.
    init<Failure: Error>(_ value: (LineageFile) throws(Failure) -> Value) throws(Failure) {
        cert = try value(.cert)
        privkey = try value(.privkey)
        chain = try value(.chain)
        fullchain = try value(.fullchain)
    }

    subscript(file: LineageFile) -> Value {
        switch file {
        case .cert: cert
        case .privkey: privkey
        case .chain: chain
        case .fullchain: fullchain
        }
    }

    /// Makes something of each value; nil where one of the four becomes nothing.
    func compacted<Other>(_ transform: (LineageFile, Value) -> Other?) -> ForEachFile<Other>? {
        try? ForEachFile<Other> { file throws(Nothing) in
            guard let other = transform(file, self[file]) else { throw Nothing() }
            return other
        }
    }

    /// The four values in certbot's order.
    var all: [Value] { [cert, privkey, chain, fullchain] }
}

extension ForEachFile: Sendable where Value: Sendable {}
extension ForEachFile: Equatable where Value: Equatable {}

private struct Nothing: Error {}
