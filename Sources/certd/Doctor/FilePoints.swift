import CertKit
import SystemPackage

/// The files: the configuration, certbot's keys, the directories that certd writes, the bundles.
extension SetupDoctor {
    func configurationPoints() -> [SetupPoint] {
        let name = "configuration"
        let path = file
        guard (try? path.stat()) != nil else { return [.ok(name, "\(path): not there, so certd finds out by looking")] }
        guard let identity = try? readFile(at: path).identity else {
            return [.skipped(name, "\(path) is not to be read")]
        }
        if identity.owner != 0 && identity.owner != user.id
            || !identity.permissions.isDisjoint(with: [.groupWrite, .otherWrite])
        {
            return [
                .problem(
                    name, "\(path): others than root may write it, and it says what root's programs do",
                    fix: "chown root:root \(path) && chmod 0644 \(path)")
            ]
        }
        guard user.mayRead(path) else {
            return [.problem(name, "\(path): \(user.name) may not read it", fix: "chmod 0644 \(path)")]
        }
        return [.ok(name, "\(path) is valid")]
    }

    /// Whether the daemon may read the keys, and whose each lineage's bundle is.
    func lineagePoints() -> [SetupPoint] {
        var points: [SetupPoint] = []
        let live = settings.letsencrypt.appending("live")
        let closed = inventory.lineages.flatMap { lineage in
            ["privkey.pem", "fullchain.pem", "cert.pem", "chain.pem"].map { lineage.directory.appending($0) }
        }.filter { (try? $0.stat()) != nil && !user.mayRead($0) }
        if inventory.lineages.isEmpty {
            points.append(
                .warning("lineages", "\(live): there is none yet", fix: "obtain one: certbot certonly -d NAME"))
        } else if let first = closed.first {
            points.append(
                .problem(
                    "lineages",
                    "\(user.name) may not read \(first)\(closed.count > 1 ? " and \(closed.count - 1) more" : "")",
                    fix: "give certd.service its capability back (AmbientCapabilities=CAP_DAC_READ_SEARCH): "
                        + "systemctl revert certd"))
        } else {
            let how = user.isRoot ? "root reads them" : "\(user.name) may read them"
            points.append(.ok("lineages", "\(live): \(inventory.lineages.count), and \(how)"))
        }
        var others: [String] = []
        for lineage in inventory.lineages {
            do throws(DiscoveryError) {
                if try inventory.target(of: lineage) == nil { others.append(lineage.name) }
            } catch {
                points.append(.problem("lineages", error.description, fix: "certd init, or \(error.remedy)"))
            }
        }
        if !others.isEmpty {
            let shown = others.prefix(5).joined(separator: ", ") + (others.count > 5 ? ", …" : "")
            points.append(.ok("lineages", "left alone, since HAProxy loads no bundle of theirs: \(shown)"))
        }
        return points
    }

    /// The directories that bundles go to, and certd's own.
    func directoryPoints() -> [SetupPoint] {
        var points: [SetupPoint] = []
        for directory in bundleDirectories {
            points.append(
                directoryPoint("bundle-directory", directory) { own in
                    own
                        ? "\(directory): \(user.name) writes it"
                        : "\(directory): root's, who writes it for \(user.name)"
                })
        }
        for (name, directory) in [("state-directory", settings.state), ("runtime-directory", settings.runtime)] {
            guard (try? directory.stat()) != nil else {
                points.append(.ok(name, "\(directory): made when it is needed"))
                continue
            }
            points.append(directoryPoint(name, directory) { _ in "\(directory): \(user.name)'s" })
        }
        return points
    }

    var bundleDirectories: [FilePath] {
        Set(targets.map { $0.place.path.removingLastComponent() }).sorted { $0.string < $1.string }
    }

    private func directoryPoint(_ name: String, _ directory: FilePath, _ words: (_ isOwn: Bool) -> String) -> SetupPoint
    {
        do throws(FileError) {
            if let reason = try UnsafeDirectory(at: directory, trusting: [0, user.id]) {
                return .problem(
                    name, "\(directory): not a safe place for a private key: \(reason)",
                    fix: "chown root \(directory) && chmod go-w \(directory)")
            }
        } catch {
            return .failure(name, error)
        }
        return .ok(name, words((try? directory.stat())?.userID.rawValue == user.id))
    }

    /// The bundles as they stand on disk.
    func bundlePoints() -> [SetupPoint] {
        var points: [SetupPoint] = []
        var sound = 0
        for target in targets {
            let path = target.place.path
            guard let stat = try? path.stat(followTargetSymlink: false) else {
                points.append(
                    .warning("bundles", "\(path): not there yet", fix: "certd deploy \(target.lineage)"))
                continue
            }
            guard stat.type == .regular else {
                points.append(
                    .warning("bundles", "\(path): no file, but certd replaces it by one", fix: "ls -l \(path)"))
                continue
            }
            do {
                if let exposed = try target.place.exposedKey() {
                    points.append(.finding("bundles", exposed.finding))
                } else {
                    sound += 1
                }
            } catch {
                points.append(.failure("bundles", error))
            }
        }
        if sound > 0 { points.append(.ok("bundles", "\(sound) \(sound == 1 ? "is" : "are") closed to others")) }
        return points
    }
}

extension BundlePlace {
    /// The bundle's key, where more can read it than its owner and the group that the configuration gives it to.
    func exposedKey() throws -> KeyExposure? {
        let trusted = try group.map { try groupID(named: $0) }
        let keyFile = try InstalledBundle.read(at: path, keyAt: keyPath).keyFile
        return keyFile.flatMap { KeyExposure(of: $0.path, $0.identity, trusting: Set([trusted].compactMap(\.self))) }
    }
}
