import CertKit
import Logging
import SystemPackage

/// What this host has, read again when it may have changed.
extension DaemonLoop {
    /// Looks around anew. Where that fails the daemon goes on with what it knew, and tries again.
    mutating func takeInventory() async {
        for path in index.inventory { shared[path] = Stamp(of: path) }
        do {
            take(try await Inventory(settings: settings, world: daemon.world))
            (inventoryDue, inventoryFailures, isAway) = (nil, 0, false)
            if known.blindness != nil { logger.notice("the lineages can be seen again") }
            known.blindness = nil
        } catch {
            inventoryFailures += 1
            inventoryDue = .now + Backoff.pause(afterFailure: inventoryFailures, using: &generator)
            if error is LineageError { leave() }
            let trouble = LastLook.Trouble(error)
            if known.blindness != trouble {
                logger.error(
                    "this host cannot be looked at",
                    metadata: ["error": "\(trouble.message)", "remedy": "\(trouble.remedy)"])
            }
            known.blindness = trouble
            reindex()
        }
    }

    /// Reads the configuration again; one that is no good is refused, and what was there before stays.
    mutating func reload() async {
        daemon.supervisor.reloading()
        do {
            let new = try daemon.configure()
            let inventory = try await lineages(by: new)
            settings = new
            watches.tryAgain()
            if let inventory {
                take(inventory)
                (inventoryDue, inventoryFailures, isAway, known.blindness) = (nil, 0, false, nil)
            } else {
                inventoryDue = .now
            }
            for lineage in places.keys { begin(lineage, because: .surroundings) }
            logger.notice("configuration read again", metadata: ["lineages": "\(places.count)"])
        } catch {
            let trouble = LastLook.Trouble(error)
            logger.error(
                "configuration refused, the one from before stays",
                metadata: ["error": "\(trouble.message)", "remedy": "\(trouble.remedy)"])
        }
        daemon.supervisor.ready()
    }

    /// What this host has by `settings`; nil where certbot's directory is not there, as it was not before.
    private func lineages(by settings: Settings) async throws -> Inventory? {
        do {
            return try await Inventory(settings: settings, world: daemon.world)
        } catch is LineageError where isAway {
            return nil
        }
    }

    private mutating func take(_ new: Inventory) {
        hasLittered = true
        let old = inventory
        var inventory = new
        inventory.bound = Settling.bound
        inventory.signatures = signatures
        self.inventory = inventory
        let lineages = Set(new.lineages)
        for lineage in places.keys where !lineages.contains(lineage) {
            schedule.finish(lineage)
            logger.notice("lineage gone", metadata: ["lineage": "\(lineage)"])
        }
        // Those that were found together share memory, so nothing is to keep the ones that were found before.
        places = places.kept(for: new.lineages)
        expected = expected.kept(for: new.lineages)
        known.failing = known.failing.kept(for: new.lineages)
        schedule.keep(new.lineages)
        watches.adopt(new.lineages)
        isAway = false
        for lineage in new.lineages {
            if places.updateValue(places[lineage] ?? place(of: lineage), forKey: lineage) == nil {
                if old != nil { logger.notice("new lineage", metadata: ["lineage": "\(lineage)"]) }
                // At the start nothing is known to have happened.
                begin(lineage, because: old == nil ? .surroundings : .event)
            } else if old?.place(of: lineage) != new.place(of: lineage) {
                begin(lineage, because: .surroundings)
            }
        }
        known.inventory = inventory
        reindex()
    }

    /// What there is of a lineage that was found just now: it is about to be read, so only what happens from now on is a
    /// change. Without that a poll took all that there is at the start for renewals.
    private func place(of lineage: Lineage) -> Place {
        Place(directory: Stamp(of: lineage), bundle: bundle(of: lineage).map { Stamp(of: $0) })
    }

    /// Nothing is to be said of certbot's lineages while its directory is not there.
    private mutating func leave() {
        isAway = true
        for lineage in schedule.lineages where lineage.isCertbots { schedule.finish(lineage) }
    }

    private mutating func reindex() {
        let before = watches.obstacle
        index = PlaceIndex(settings: settings, inventory: inventory, lineages: places.keys)
        for path in index.inventory where shared[path] == nil { shared[path] = Stamp(of: path) }
        watches.update(common: index.common, lineages: places.keys)
        guard let obstacle = watches.obstacle else { return poll = nil }
        if poll == nil { poll = .now }
        if before != obstacle {
            logger.warning(
                "no events for each lineage: looking for renewals every 10 seconds instead",
                metadata: ["reason": "\(obstacle)"])
        }
    }
}

extension LastLook.Trouble {
    init(_ error: any Error) {
        message = "\(error)"
        remedy = (error as? any Diagnosis)?.remedy ?? "see what the daemon says: journalctl -u certd"
    }
}
