import CertKit
import HAProxyKit
import SystemPackage

/// HAProxy itself: its version with what is known of it, and whether it would start again.
extension SetupDoctor {
    func haproxyPoints() async -> [SetupPoint] {
        let name = "haproxy"
        guard settings.haproxy.sockets != [] else { return [] }
        var points: [SetupPoint] = []
        for (socket, process) in processes {
            guard case .success(let process) = process else { continue }
            points.append(point(of: process))
            points += oversized(for: process, at: socket)
        }
        let configuration = settings.haproxy.configuration
        switch await inventory.startVerdict() {
        case .good: points.append(.ok(name, "it would start again with \(configuration)"))
        case .bad(let alerts):
            points.append(
                .problem(name, "it would not start again: \(alerts)", fix: "haproxy -c -f \(configuration)"))
        case .unknown(let why): points.append(.skipped(name, "whether it would start again cannot be told: \(why)"))
        }
        return points
    }

    private func point(of process: HAProxyProcess) -> SetupPoint {
        let traps = HAProxyTrap.allCases.filter { $0.concerns(process) }
        if traps.contains(.cannotChangeCertificates) {
            return .warning(
                "haproxy", "version \(process.version): \(HAProxyTrap.cannotChangeCertificates.description)",
                fix: "install HAProxy 2.2 or later, which takes certificates while it runs")
        }
        let known = traps.map(\.description).joined(separator: "; ")
        return .ok("haproxy", "version \(process.version)\(known.isEmpty ? "" : "; certd reckons with it: \(known)")")
    }

    /// Bundles that this HAProxy cannot take in one command.
    private func oversized(for process: HAProxyProcess, at socket: FilePath) -> [SetupPoint] {
        targets.compactMap { target in
            guard let name = target.sockets.first(where: { $0.socket == socket })?.name,
                let bytes = try? readFile(at: target.place.path).bytes,
                let error = try? process.obstacle(
                    to: bytes, named: name, bufferSize: inventory.configuration?.bufferSize)
            else { return nil }
            return .warning(
                "haproxy", "\(error), so each renewal of \(target.lineage) reloads it",
                fix: "obtain it for fewer names: certbot certonly --cert-name \(target.lineage) -d NAME")
        }
    }
}

/// What is known to go wrong with some versions of HAProxy, and is taken care of.
enum HAProxyTrap: CaseIterable, CustomStringConvertible {
    case cannotChangeCertificates
    /// The fix (commit 984d2cf) came after 3.0.0.
    case wrongCertificate
    case abortsOnLongCommands
    case silentReload
    case endsOldWorkers

    func concerns(_ process: HAProxyProcess) -> Bool {
        let version = process.version
        return switch self {
        case .cannotChangeCertificates: version < HAProxyVersion(2, 2)
        case .wrongCertificate: (HAProxyVersion(2, 2)...HAProxyVersion(3, 0)).contains(version)
        case .abortsOnLongCommands: version == HAProxyVersion(3, 2)
        case .silentReload: (HAProxyVersion(2, 2)..<HAProxyVersion(2, 7)).contains(version)
        case .endsOldWorkers: version >= HAProxyVersion(3, 4)
        }
    }

    var description: String {
        switch self {
        case .cannotChangeCertificates: "it cannot change certificates while it runs, so every renewal reloads it"
        case .wrongCertificate: "with a transaction open it puts a certificate into another's place"
        case .abortsOnLongCommands: "it ends itself on a command that is too long"
        case .silentReload: "its master does not say how a reload ended"
        case .endsOldWorkers: "it ends old workers with their sessions after 50 reloads"
        }
    }
}
