import CertKit
import HAProxyKit
import SystemPackage

/// Looks at a whole set-up without changing anything: each kind of points has a file of its own.
struct SetupDoctor: Sendable {
    /// Where the configuration is written, or would be.
    let file: FilePath
    let inventory: Inventory
    let questions: HostQuestions
    let user: DaemonUser
    /// Where each bundle belongs; those that cannot be told are points of their own.
    let targets: [BundleTarget]
    /// What each HAProxy answers, in the order of the sockets.
    let processes: [(socket: FilePath, process: Result<HAProxyProcess, RuntimeError>)]

    var settings: Settings { inventory.settings }

    init(_ inventory: Inventory, of file: FilePath, _ questions: HostQuestions) async {
        self.file = file
        self.inventory = inventory
        self.questions = questions
        let capabilities = await questions.property("AmbientCapabilities", of: "certd.service")
        user = DaemonUser(
            of: inventory.settings, readsEverything: capabilities?.contains("cap_dac_read_search") ?? false)
        targets = inventory.lineages.compactMap { try? inventory.target(of: $0) }
        var processes: [(socket: FilePath, process: Result<HAProxyProcess, RuntimeError>)] = []
        for socket in inventory.sockets {
            let api = inventory.world.runtime(socket.string)
            do throws(RuntimeError) {
                processes.append((socket, .success(try await api.processInfo())))
            } catch {
                processes.append((socket, .failure(error)))
            }
        }
        self.processes = processes
    }

    /// Every point, from the configuration by way of files, HAProxy and certbot to the host.
    func report() async -> DoctorReport {
        var points = configurationPoints() + lineagePoints() + directoryPoints() + bundlePoints()
        points += await socketPoints()
        points += await haproxyPoints()
        points += await loadedPoints()
        points += await reloadPoints()
        points += await certbotPoints()
        points += await hookPoints()
        points += await unitPoints()
        points += await daemonPoints()
        points += hostPoints()
        return DoctorReport(points)
    }

    /// What there is to say where the configuration is not understood, or certbot's directory cannot be read.
    static func report(of error: any Error) -> DoctorReport {
        DoctorReport([.failure(error is ConfigurationError ? "configuration" : "lineages", error)])
    }
}
