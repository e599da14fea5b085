import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// A directory that HAProxy loads whole, as its next start will find it: one bad file in it stops the start.
struct LoadedDirectory {
    let path: String
    /// What it loads from there, in its order, as this host has it.
    let files: [String]
}

extension HAProxyConfiguration {
    /// The directories that `crt` names, each once.
    var loadedDirectories: [LoadedDirectory] {
        var files: [String: [String]] = [:]
        for listener in listeners {
            for list in listener.lists where list.isDirectory && list.name.hasPrefix("/") && files[list.name] == nil {
                let prefix = list.name + "/"
                files[list.name] = listener.certificates.filter { certificate in
                    certificate.name.hasPrefix(prefix) && !certificate.name.dropFirst(prefix.count).contains("/")
                }.map { $0.file?.string ?? $0.name }
            }
        }
        return files.sorted { $0.key < $1.key }.map(LoadedDirectory.init)
    }
}

extension LoadedDirectory {
    /// What would stop the next start, and which expired certificates stand before a valid wildcard.
    ///
    /// `known` are the bundles that have been looked at already, by path: they have findings of their own.
    func findings(known: [String: Certificate?], on now: Date) -> [Finding] {
        var found: [Finding] = []
        var leaves: [(file: String, leaf: Certificate)] = []
        for file in files {
            if let leaf = known[file] {
                if let leaf { leaves.append((file, leaf)) }
                continue
            }
            switch LoadedFile(at: file) {
            case .sound(let leaf): leaves.append((file, leaf))
            case .unsafe(let why): found.append(.unsafe(file, why))
            case .unknown(let finding): found.append(finding)
            case .gone: continue
            }
        }
        return found + shadows(among: leaves, on: now)
    }

    private func shadows(among leaves: [(file: String, leaf: Certificate)], on now: Date) -> [Finding] {
        let wildcards = leaves.filter { now <= $0.leaf.notAfter && $0.leaf.dnsNames.contains { $0.hasPrefix("*.") } }
        guard !wildcards.isEmpty else { return [] }
        return leaves.filter { $0.leaf.notAfter < now }.compactMap { expired in
            for name in expired.leaf.servedNames where !name.hasPrefix("*.") {
                let other = wildcards.first { wildcard in
                    wildcard.leaf.covers(name) && !wildcard.leaf.servedNames.contains(name)
                }
                if let other { return .shadowed(by: expired.file, other.file, name: name) }
            }
            return nil
        }
    }
}

/// A file of such a directory, as HAProxy will take it.
private enum LoadedFile {
    case sound(Certificate)
    /// The start fails, for this reason.
    case unsafe(String)
    /// It cannot be told.
    case unknown(Finding)
    case gone

    init(at path: String) {
        do {
            let contents = try PEMContents(file: path)
            let keys = contents.keys.isEmpty ? try PEMContents(fileIfPresent: path + ".key")?.keys ?? [] : contents.keys
            if let leaf = contents.certificates.first, let key = keys.first {
                // Of several keys HAProxy takes the first.
                self = key.matches(leaf) ? .sound(leaf) : .unsafe("its private key belongs to another certificate")
            } else {
                self = .unsafe(contents.certificates.isEmpty ? "it holds no certificate" : "it holds no private key")
            }
        } catch let error as FileError {
            self = error.isMissing ? .gone : .unknown(error.finding)
        } catch let error as PEMError {
            switch error {
            case .empty, .notPEM, .unreadable, .encryptedKey: self = .unsafe("\(error)".about(path))
            // HAProxy passes over such blocks, or takes such a key.
            default: self = .gone
            }
        } catch {
            self = .gone
        }
    }
}

extension PEMContents {
    fileprivate init(file path: String) throws {
        self = try readFile(at: FilePath(path)).bytes.withSpan { text throws(PEMError) in
            try PEMContents(parsing: text, file: path)
        }
    }

    fileprivate init?(fileIfPresent path: String) throws {
        do {
            try self.init(file: path)
        } catch let error as FileError where error.isMissing {
            return nil
        }
    }
}

extension Certificate {
    /// The names by which HAProxy chooses it: it counts the common name too.
    fileprivate var servedNames: [String] {
        (dnsNames + [subject.commonName].compactMap { $0 }).map { $0.lowercased() }
    }
}

extension Finding {
    fileprivate static func unsafe(_ file: String, _ why: String) -> Finding {
        Finding(
            .directoryUnsafe, "\(file): HAProxy loads it at its next start, which fails: \(why)",
            remedy:
                "see what HAProxy says: haproxy -c -f /etc/haproxy/haproxy.cfg; if nobody needs it: mv \(file) /root/",
            location: file)
    }

    fileprivate static func shadowed(by file: String, _ wildcard: String, name: String) -> Finding {
        Finding(
            .shadowed, "\(file): expired, and served for \(name) before the valid wildcard in \(wildcard)",
            remedy: "take it out of the directory: mv \(file) /root/; then systemctl reload haproxy", location: file)
    }
}
