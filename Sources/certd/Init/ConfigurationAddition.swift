import CertKit
import HAProxyKit
import SystemPackage

/// What is added to the configuration: only what looking would not find, or not while HAProxy does not run.
///
/// What stands in the file stays as it is, comments included: lines are added, none is changed.
struct ConfigurationAddition: Equatable, Sendable {
    /// The file as it is; nil where there is none.
    let old: String?
    /// The lines added, with the line they come after where that is not the last one.
    private(set) var parts: [(after: String?, lines: [String])] = []
    private(set) var text: String

    static func == (left: ConfigurationAddition, right: ConfigurationAddition) -> Bool {
        left.old == right.old && left.text == right.text
    }

    /// Adds the bundles of `placements`, those that are configured already left out.
    init(to old: String?, for placements: BundlePlacements, in inventory: Inventory) {
        self.old = old
        text = old ?? ConfigurationAddition.beginning
        let new = placements.found.filter { $0.source != .configured }
        guard !new.isEmpty else {
            text = old ?? ""
            return
        }
        if old == nil { parts.append((nil, ConfigurationAddition.beginning.split(separator: "\n").map(String.init))) }
        if let directory = placements.sharedDirectory(in: inventory) {
            add("directory = \(tomlString(directory.string))", to: .bundlesDirectory)
        } else {
            for placement in new { append(placement.entry) }
        }
    }

    var isNothing: Bool { parts.isEmpty }

    private static let beginning = """
        # certd's configuration; certd.toml(5) has every key. What is not here certd finds out by looking.

        """

    /// A table may stand in a file once, so a line goes behind its header where there is one.
    private mutating func add(_ line: String, to key: SettingKey) {
        let header = "[\(key.section)]"
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let place = lines.firstIndex { $0.prefix { $0 != "#" }.filter { !$0.isWhitespace } == header }
        guard let place else { return append([header, line]) }
        parts.append((lines[place], [line]))
        lines.insert(line, at: place + 1)
        text = lines.joined(separator: "\n")
    }

    private mutating func append(_ lines: [String]) {
        if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
        text += "\n" + lines.joined(separator: "\n") + "\n"
        parts.append((nil, [""] + lines))
    }
}

extension BundlePlacement {
    fileprivate var entry: [String] {
        let why: String =
            switch source {
            case .configured, .memory: "HAProxy serves it from here."
            case .disk: "haproxy.cfg loads it from here."
            case .hook(let hook): "\(hook.path.lastComponent?.string ?? "") wrote it here."
            }
        let name = place.name == place.path.string ? [] : ["name = \(tomlString(place.name))"]
        return [
            "# \(why)", "[[bundle]]", "lineage = \(tomlString(lineage.name))",
            "path = \(tomlString(place.path.string))",
        ]
            + name
    }
}

extension BundlePlacements {
    /// The directory that HAProxy loads whole and that has every lineage's bundle under the lineage's name; nil where
    /// that is not so, or entries say it already.
    fileprivate func sharedDirectory(in inventory: Inventory) -> FilePath? {
        let settings = inventory.settings
        guard settings.bundles == nil, settings.entries.isEmpty, others.isEmpty, unclear.isEmpty,
            let directory = found.first?.place.path.removingLastComponent(),
            inventory.configuration?.loadedDirectories.contains(where: {
                FilePath($0.path).lexicallyNormalized() == directory.lexicallyNormalized()
            }) ?? false
        else { return nil }
        let isWhole = found.allSatisfy { placement in
            let path = directory.appending("\(placement.lineage.directory.lastComponent?.string ?? "").pem")
            return placement.place.path == path && placement.place.name == path.string
        }
        return isWhole ? directory : nil
    }
}
