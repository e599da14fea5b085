import SystemPackage

extension StateDirectory {
    /// A transaction that certd is about to open, noted first so that one left behind by a crash is known as ours.
    struct Intent: Codable, Equatable, Sendable {
        let socket: String
        let name: String
        /// SHA-256 of the leaf that is put there.
        let sha256: String
        /// A transaction lives in HAProxy's memory: it survives neither that process nor the host's boot.
        let bootID: String
        let haproxyProcessID: Int?
        let processID: Int32
    }
}

extension StateDirectory {
    /// The intents that no deployment has taken back.
    func intents() -> [Intent] { stored([Intent].self, at: intentsPath) ?? [] }

    /// Notes all `intents` that there are, before the transaction of the last is opened; under the lock.
    func note(_ intents: [Intent]) throws { try store(intents, at: intentsPath) }

    /// Forgets the intent for `socket`, whose transaction is closed.
    func forgetIntent(for socket: String) throws {
        let known = intents()
        let left = known.filter { $0.socket != socket }
        guard left != known else { return }
        try store(left, at: intentsPath)
    }

    private var intentsPath: FilePath { path.appending("intents.json") }
}
