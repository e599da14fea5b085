import CertKit
import FoundationEssentials
import HAProxyKit
import Logging
import SystemPackage

/// Looking: what has changed, found out by stat and by asking HAProxy, or heard of through events.
extension DaemonLoop {
    /// The time between two looks for renewals where no watch tells of them.
    private static let pollInterval = Duration.seconds(10)

    /// The cheap look at everything, and a full one at those whose turn it is.
    mutating func look() async {
        turns.take(at: .now)
        // Renewing costs little and finds what no event tells of: another directory mounted over a watched one.
        for path in index.common { watches.renew(.directory(path)) }
        watches.update(common: index.common, lineages: places.keys)
        for path in index.inventory where changed(path) { inventoryDue = .now }
        lookAtLineages(all: true)
        lookAtBundles()
        for lineage in places.keys where turns.includes(lineage) { begin(lineage, because: .turn) }
        if turns.endsRound {
            lookForLeftovers()
            signatures.forgetUnused()
        }
        await askSockets()
        known.at = daemon.world.now()
    }

    /// One stat of each lineage; of certbot's only where it may have renewed one since, unless `all` are to be looked at.
    mutating func lookAtLineages(all isAll: Bool) {
        poll = watches.obstacle == nil ? nil : .now + DaemonLoop.pollInterval
        // certbot writes a file there at each renewal, before it makes the links: these may be new at the next look only.
        let wasRenewing = isRenewing
        isRenewing = changed(index.renewal)
        if isAll || isRenewing || wasRenewing {
            let live = try? DirectoryHandle(opening: settings.letsencrypt.appending("live"))
            for (lineage, place) in places { look(at: lineage, known: place.directory, Stamp(of: lineage, in: live)) }
        } else {
            for lineage in index.others { look(at: lineage, known: places[lineage]?.directory, Stamp(of: lineage)) }
        }
        for (lineage, var settling) in expected where settling.next <= .now {
            expected[lineage] = settling.triesAgain(after: .now) ? settling : nil
        }
    }

    private mutating func look(at lineage: Lineage, known: Stamp?, _ now: Stamp) {
        guard known != now else { return }
        watches.renew(.lineage(lineage))
        begin(lineage, because: .event)
    }

    /// One stat of each bundle.
    private mutating func lookAtBundles() {
        for (path, bundles) in index.bundles {
            let directory = try? DirectoryHandle(opening: path)
            for (name, lineage) in bundles { look(atBundleOf: lineage, Stamp(of: name, in: directory, at: path)) }
        }
    }

    /// Takes note of the HAProxys that there are at the start, when all lineages are looked at anyway.
    mutating func meetSockets() async {
        for socket in index.sockets where socket != inventory?.silentSocket {
            guard let process = try? await daemon.world.runtime(socket.string).processInfo() else { continue }
            _ = processes.meet(process, on: socket, at: .now)
        }
    }

    /// Asks each HAProxy whether it is the process that it was.
    mutating func askSockets() async {
        var isSilent = false
        for socket in index.sockets {
            guard let process = try? await daemon.world.runtime(socket.string).processInfo() else {
                isSilent = true
                continue
            }
            answered(socket)
            switch processes.meet(process, on: socket, at: .now) {
            case .same: continue
            case .first:
                logger.info("HAProxy answers", metadata: ["socket": "\(socket)", "pid": "\(process.pid)"])
            case .another:
                logger.info("HAProxy is another process", metadata: ["socket": "\(socket)", "pid": "\(process.pid)"])
            }
            inventoryDue = .now
            for lineage in places.keys where goes(lineage, to: socket) { begin(lineage, because: .surroundings) }
        }
        if !isSilent || asking?.triesAgain(after: .now) != true { asking = nil }
    }

    /// Takes what events say; each is only a reason to look.
    mutating func sort(_ events: Set<WatchEvent>) {
        for event in events {
            guard let place = watches.place(of: event) else { continue }
            if event.isEnd { watches.forget(event.watch) }
            if event.isLost {
                watches.renew(place)
                // Gone, or replaced by another; the list of lineages tells.
                inventoryDue = .now
            }
            switch place {
            case .lineage(let lineage): begin(lineage, because: .event)
            case .directory(let path):
                if let lineage = index.lineages[path] { begin(lineage, because: .event) }
                take(event, in: path)
            }
        }
    }

    private mutating func take(_ event: WatchEvent, in directory: FilePath) {
        let path = event.name.isEmpty ? directory : directory.appending(event.name)
        if index.inventory.contains(path) || index.inventory.contains(directory) && directory.lastComponent == "live" {
            inventoryDue = .now
        }
        if index.sockets.contains(path) { asking = Settling(at: .now) }
        if let lineage = index.lineage(withBundle: path) { look(atBundleOf: lineage, Stamp(of: path)) }
        if directory == index.renewal, watches.obstacle != nil, path.extension == "conf", let name = path.stem,
            let lineage = try? Lineage(name, below: settings.letsencrypt), places[lineage] != nil
        {
            expected[lineage] = Settling(at: .now)
        }
    }

    private mutating func look(atBundleOf lineage: Lineage, _ stamp: Stamp) {
        guard places[lineage]?.bundle != stamp else { return }
        places[lineage]?.bundle = stamp
        begin(lineage, because: .event)
    }

    private mutating func changed(_ path: FilePath) -> Bool {
        let stamp = Stamp(of: path)
        return shared.updateValue(stamp, forKey: path) != stamp
    }

    func bundle(of lineage: Lineage) -> FilePath? { inventory?.place(of: lineage)?.path }

    /// Whether `lineage` is served through `socket`, or may be.
    func goes(_ lineage: Lineage, to socket: FilePath) -> Bool {
        guard let inventory else { return false }
        do throws(DiscoveryError) {
            return try inventory.target(of: lineage)?.sockets.contains { $0.socket == socket } ?? false
        } catch {
            return true
        }
    }
}
