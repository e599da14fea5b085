extension RuntimeAPI {
    /// Asks what this socket lets through (`show cli level`, since 1.8).
    public func level() async throws(RuntimeError) -> StatsSocket.Level {
        let answer = try await ask("show cli level")
        guard let level = answer.lines.first.flatMap(StatsSocket.Level.init) else {
            throw await notUnderstood(answer, "show cli level")
        }
        return level
    }
}
