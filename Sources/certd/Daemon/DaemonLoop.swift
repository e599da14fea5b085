internal import CLinux
import CertKit
import HAProxyKit
import Logging
import SystemPackage

/// The one task that does the daemon's work, a step at a time: take what came in, look, settle, deploy, wait.
///
/// Events only make it look sooner; what is to be done follows from the files and from HAProxy alone.
struct DaemonLoop {
    typealias Instant = ContinuousClock.Instant

    let daemon: Daemon
    var settings: Settings
    /// What this host has; nil before it could be seen.
    var inventory: Inventory?
    /// What has been seen of each lineage.
    var places: [Lineage: Place] = [:]
    var index = PlaceIndex()
    /// What a stat told last of the files that concern all lineages.
    var shared: [FilePath: Stamp] = [:]
    var schedule = Schedule()
    var turns: Turns
    var watches: Watches
    var processes = Processes()
    var known = LastLook()

    /// Whether what this host has may have changed, and when it is tried again if that could not be seen.
    var inventoryDue: Instant? = .now
    var inventoryFailures = 0
    /// Whether certbot's directory is not there at all, so that nothing is said of its lineages.
    var isAway = false
    /// HAProxy's sockets are being asked until all answer: one of them was made anew.
    var asking: Settling?
    /// Sockets whose HAProxy does not answer, and how often they were asked in vain.
    var silent: [FilePath: Int] = [:]
    /// Lineages that the next run reads, to see whether certbot is done with them.
    var unsettled: Set<Lineage> = []
    /// Lineages that root has been asked to deploy.
    var askedOfRoot: Set<Lineage> = []
    /// Lineages that certbot is about to change, where no watch tells of it.
    var expected: [Lineage: Settling] = [:]
    /// The next look for renewals, where no watch tells of them.
    var poll: Instant?
    /// Whether certbot was renewing something at the last look.
    var isRenewing = false
    /// Whether much was gone through since memory was given back last.
    var hasLittered = false
    var generator = SystemRandomNumberGenerator()

    /// What a stat told last of a lineage's directory and its bundle.
    struct Place {
        var directory: Stamp?
        var bundle: Stamp?
    }

    var inbox: Inbox { daemon.controller.inbox }
    var logger: Logger { daemon.logger }
    /// Signatures that were found to be right.
    var signatures: SignatureMemory { daemon.controller.signatures }

    init(_ daemon: Daemon) {
        self.daemon = daemon
        settings = daemon.settings
        turns = Turns(interval: daemon.interval, start: .now)
        let inbox = daemon.controller.inbox
        watches = Watches(daemon.watch { inbox.add($0) })
    }

    /// Works until the inbox says that it is to end; what is being deployed then is finished.
    mutating func run() async {
        let alarm = Alarm { [inbox] in inbox.wake() }
        var alarms = inbox.alarms.makeAsyncIterator()
        await takeInventory()
        await meetSockets()
        if known.blindness == nil { known.at = daemon.world.now() }
        publish()
        lookForLeftovers()
        logger.notice("watching", metadata: ["lineages": "\(places.count)", "live": "\(settings.letsencrypt)/live"])
        daemon.supervisor.ready()
        while !inbox.isEnding {
            await step()
            let next = next
            if next > .now {
                alarm.set(to: next)
                await alarms.next()
            }
        }
        inbox.close()
        logger.notice("ended")
    }

    private mutating func step() async {
        let mail = inbox.take()
        if mail.isReloading { await reload() }
        sort(mail.events)
        if mail.isOverflowing || turns.next <= .now {
            await look()
        } else if let poll, poll <= .now {
            lookAtLineages(all: false)
        }
        if let asking, asking.next <= .now { await askSockets() }
        if let inventoryDue, inventoryDue <= .now { await takeInventory() }
        for request in mail.requests { await answer(request) }
        for result in mail.results { takeFromRoot(result) }
        if schedule.lineages.count > Schedule.portion { hasLittered = true }
        let quiet = settle()
        // Before anything that can wait.
        if schedule.deployable.contains(where: { schedule.hasEvent($0) }) { await deploy() }
        await passOver(quiet)
        await deploy()
        daemon.supervisor.alive()
        publish()
        tidyMemory()
    }

    /// When there is something to do again, unless an event comes first.
    private var next: Instant {
        let watchdog = daemon.supervisor.watchdogInterval.map { Instant.now + $0 }
        let renewal = expected.values.map(\.next).min()
        let moments: [Instant?] = [schedule.next, asking?.next, inventoryDue, poll, watchdog, renewal]
        return moments.compactMap { $0 }.reduce(turns.next, min)
    }

    /// Has a lineage dealt with, unless it cannot be seen now.
    mutating func begin(_ lineage: Lineage, because reason: Schedule.Reason) {
        guard !isAway || !lineage.isCertbots else { return }
        schedule.begin(lineage, because: reason, at: .now)
    }

    /// Gives memory back once all is quiet: what thousands of lineages were read with would stay the process's for good
    /// otherwise. After a few it is needed again by the next renewal, which would have to take it anew.
    private mutating func tidyMemory() {
        guard schedule.isEmpty, hasLittered else { return }
        malloc_trim(0)
        hasLittered = false
    }

    private mutating func publish() {
        known.obstacle = watches.obstacle
        known.lineages = places.count
        daemon.controller.publish(known)
        daemon.supervisor.show(known.summary)
    }
}

extension LastLook {
    /// One line for people.
    var summary: String {
        if let blindness { return blindness.message }
        let events = obstacle.map { "; polling, because \($0)" } ?? ""
        guard let worst = failing.values.map(\.message).min() else { return "\(lineages) lineages in step\(events)" }
        return "\(failing.count) of \(lineages) lineages not deployed: \(worst)\(events)"
    }
}
