import CertKit
import FoundationEssentials
import HAProxyKit
import SystemPackage

/// Looks at the stations of one target without changing anything.
struct Observer: Sendable {
    let target: BundleTarget
    let settings: Settings
    let world: World
    /// HAProxy's configuration where it can be read: it tells which address loads which name.
    let configuration: HAProxyConfiguration?

    /// The stations as far as `last`, now; `leaf` is the lineage's, whose names are asked for in handshakes.
    func look(for leaf: Certificate?, asFarAs last: Station = .wire) async -> Observation {
        let memory = last >= .memory ? await memory() : []
        guard last >= .wire else { return Observation(bundle: bundle(), memory: memory, wire: []) }
        return Observation(bundle: bundle(), memory: memory, wire: await wire(memory, for: leaf))
    }

    /// The bundle on disk.
    func bundle() -> Observation.BundleStation {
        let content = Result { try InstalledBundle.read(at: target.place.path, keyAt: target.place.keyPath) }
        return Observation.BundleStation(path: target.place.path, content: content)
    }

    /// What every socket's process has loaded.
    func memory() async -> [Observation.MemoryStation] {
        var stations: [Observation.MemoryStation] = []
        for place in target.sockets {
            let api = world.runtime(place.socket.string)
            let socket = place.socket.string
            let list = list(loading: place.name)
            let companions = companions(of: place.name)
            do throws(RuntimeError) {
                let process = try await api.processInfo()
                let loaded = try await api.certificate(named: place.name)
                stations.append(
                    .init(
                        socket: socket, name: place.name, process: process, loaded: .success(loaded), list: list,
                        companions: companions))
            } catch {
                stations.append(
                    .init(socket: socket, name: place.name, process: nil, loaded: .failure(error), list: list))
            }
        }
        return stations
    }

    /// Whether each of `stations` answers, and none has been started anew.
    func areStill(_ stations: [Observation.MemoryStation]) async -> Bool {
        for station in stations {
            guard let old = station.process,
                let new = try? await world.runtime(station.socket).processInfo(), new.isSame(as: old)
            else { return false }
        }
        return true
    }

    /// What a handshake at every address shows, for every name that counts.
    func wire(
        _ memory: [Observation.MemoryStation], for leaf: Certificate?
    ) async -> [Observation.WireStation] {
        guard !memory.isEmpty else { return [] }
        var stations: [Observation.WireStation] = []
        let algorithm = memory.algorithm
        for place in places() {
            for serverName in serverNames(for: leaf) {
                let served = await handshake(
                    at: .init(address: place.address, serverName: serverName), by: algorithm)
                let showsMemory = memory.contains { $0.holds(served) }
                // Where nothing says what an address loads, only what it shows can.
                let doubt = place.isConfigured || showsMemory ? nil : "nothing says that it serves this bundle"
                stations.append(
                    .init(
                        address: place.address, serverName: serverName, served: served,
                        notProvable: place.notProvable ?? doubt, showsMemory: showsMemory))
            }
        }
        return stations
    }

    /// Where handshakes may prove something, as far as the configuration tells.
    func wirePlaces(for leaf: Certificate) -> [Observation.WirePlace] {
        places().filter { $0.notProvable == nil }.flatMap { place in
            serverNames(for: leaf).map { .init(address: place.address, serverName: $0) }
        }
    }

    /// The same address and name again.
    func look(
        at station: Observation.WireStation, _ memory: [Observation.MemoryStation]
    ) async -> Observation.WireStation {
        let served = await handshake(at: station.place, by: memory.algorithm)
        return .init(
            address: station.address, serverName: station.serverName, served: served, notProvable: station.notProvable,
            showsMemory: memory.contains { $0.holds(served) })
    }

    /// One handshake, which only a certificate with this kind of key can answer: one of a pair is not taken for the other.
    func handshake(
        at place: Observation.WirePlace, by algorithm: ProbeTarget.Algorithm
    ) async -> Result<ServedChain, ProbeError> {
        let probe = ProbeTarget(
            place.address, serverName: place.serverName, algorithm: algorithm, timeout: settings.check.timeout)
        do throws(ProbeError) {
            return .success(try await world.probe.handshake(probe))
        } catch {
            return .failure(error)
        }
    }

    /// Where HAProxy looks for companions of `name`; where its configuration cannot be read, as it does by default.
    private func companions(of name: String) -> [Companion: FilePath] {
        let path = target.place.path
        return configuration?.companionFiles(of: name, at: path) ?? CompanionLookup().files(beside: path)
    }

    /// The crt-list or directory that HAProxy would load `name` from, as `add ssl crt-list` takes it.
    func list(loading name: String) -> String? {
        let lists = configuration?.listeners(loading: name).flatMap(\.lists) ?? []
        let directory = FilePath(name).removingLastComponent().string
        return lists.first { $0.isDirectory && $0.name == directory }?.name ?? lists.first { !$0.isDirectory }?.name
    }
}

extension Observer {
    /// Where a handshake is made, and why it would prove nothing.
    private struct Place {
        let address: ProbeAddress
        let notProvable: String?
        /// Whether HAProxy's configuration says that the name is loaded there.
        let isConfigured: Bool
    }

    /// The configured addresses, else those that HAProxy's configuration binds with this target's names.
    private func places() -> [Place] {
        let names = Set([target.place.name] + target.sockets.map(\.name))
        let listeners = names.sorted().flatMap { configuration?.listeners(loading: $0) ?? [] }
        let loading = Set(listeners.flatMap(\.probeAddresses))
        guard let probe = settings.haproxy.probe else {
            return loading.sorted { $0.description < $1.description }
                .map { Place(address: $0, notProvable: nil, isConfigured: true) }
        }
        let others = Set(configuration?.listeners.flatMap(\.probeAddresses) ?? []).subtracting(loading)
        let obstacles = configuration?.obstacles ?? [:]
        return probe.map { address in
            let why = obstacles[address] ?? (others.contains(address) ? "its bind line loads other certificates" : nil)
            return Place(address: address, notProvable: why, isConfigured: loading.contains(address))
        }
    }

    /// `hosts`, else the leaf's first name; a wildcard is asked for by a name that it covers.
    private func serverNames(for leaf: Certificate?) -> [String] {
        if !target.place.hosts.isEmpty { return target.place.hosts }
        guard let first = leaf?.dnsNames.first else { return [""] }
        return [first.hasPrefix("*.") ? "certd-probe" + first.dropFirst() : first]
    }
}

extension [Observation.MemoryStation] {
    /// The kind of key that is served; any where the processes differ, or nothing is loaded.
    ///
    /// The lineage's own may be another by now: certbot 2 makes ECDSA keys where an older one made RSA keys.
    fileprivate var algorithm: ProbeTarget.Algorithm {
        let all = Set(compactMap { $0.certificate?.leaf?.algorithm })
        return all.count == 1 ? all.first ?? .any : .any
    }
}

extension Observation.MemoryStation {
    /// Whether the leaf that was served is the one in this HAProxy's memory.
    fileprivate func holds(_ served: Result<ServedChain, ProbeError>) -> Bool {
        guard let leaf = try? served.get().certificates.first, let loaded = certificate?.leaf else { return false }
        return loaded.sha1 == hexadecimal(Digest.sha1(leaf.span))
    }
}

extension HAProxyConfiguration {
    /// Why no handshake on an address can prove anything, for those where that is so.
    fileprivate var obstacles: [ProbeAddress: String] {
        var obstacles: [ProbeAddress: String] = [:]
        for listener in listeners where listener.provability != .provable {
            for case .tcp(let address) in listener.addresses.map(\.kind) {
                obstacles[address] = listener.provability.description
            }
        }
        return obstacles
    }
}
