import CertKit

/// Why a lineage's bundle cannot be told; a `[[bundle]]` entry settles it, and the remedy shows one.
enum DiscoveryError: Diagnosis, Equatable {
    /// Several certificates that HAProxy has loaded could be the lineage's.
    case severalBundles(lineage: String, names: [String])
    /// A certificate that HAProxy has loaded could be that of several lineages.
    case severalLineages(name: String, lineages: [String])
    /// HAProxy's name for it says nothing about the file.
    case nameIsNoPath(lineage: String, name: String)
    /// Nothing is configured for it, and a HAProxy that may have loaded its bundle does not answer.
    case noAnswer(lineage: String, socket: String)
    /// Several lineages have the same bundle.
    case sharedPath(path: String, lineages: [String])

    var description: String {
        switch self {
        case .severalBundles(let lineage, let names):
            "\(lineage): each of these in HAProxy's memory could be its bundle: \(names.joined(separator: ", "))"
        case .severalLineages(let name, let lineages):
            "\(name): each of these lineages could be the one it belongs to: \(lineages.joined(separator: ", "))"
        case .nameIsNoPath(let lineage, let name):
            "\(lineage): HAProxy's name for its bundle is no absolute path: \(name)"
        case .noAnswer(let lineage, let socket):
            "\(lineage): its bundle cannot be told while HAProxy does not answer on \(socket)"
        case .sharedPath(let path, let lineages):
            "\(path): several lineages have it as their bundle: \(lineages.joined(separator: ", "))"
        }
    }

    var remedy: String {
        switch self {
        case .severalBundles(let lineage, let names): entry(lineages: [lineage], paths: names)
        case .severalLineages(let name, let lineages): entry(lineages: lineages, paths: [name])
        case .nameIsNoPath(let lineage, let name): entry(lineages: [lineage], paths: ["/PATH/OF/THE/FILE"], name: name)
        case .noAnswer(let lineage, _):
            "start it with systemctl start haproxy, or " + entry(lineages: [lineage], paths: ["/PATH/OF/THE/FILE"])
        case .sharedPath(_, let lineages): entry(lineages: lineages, paths: ["/PATH/OF/ITS/OWN"])
        }
    }

    var findingID: FindingID {
        if case .noAnswer = self { .haproxyUnreachable } else { .configurationInvalid }
    }

    var location: String? {
        switch self {
        case .severalBundles, .nameIsNoPath: nil
        case .noAnswer(_, let socket): socket
        case .severalLineages(let place, _), .sharedPath(let place, _): place
        }
    }

    /// The lines to write, each with what else could stand there.
    private func entry(lineages: [String], paths: [String], name: String? = nil) -> String {
        func line(_ key: SettingKey, _ values: [String]) -> String {
            let others = values.dropFirst().map { " or \(tomlString($0))" }.joined()
            return "\(key.name) = \(values.first.map(tomlString) ?? "")\(others.isEmpty ? "" : "  #\(others)")"
        }
        let lines = ["write in certd.toml:", "[[bundle]]", line(.bundleLineage, lineages), line(.bundlePath, paths)]
        return (lines + (name.map { [line(.bundleName, [$0])] } ?? [])).joined(separator: "\n")
    }
}
