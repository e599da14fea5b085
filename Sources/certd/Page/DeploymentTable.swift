import CertKit
import FoundationEssentials

/// What was deployed lately, the newest first.
struct DeploymentTable {
    let deployments: [PastDeployment]
    let now: Date

    var markup: Markup {
        """
        <section id="deployments" aria-labelledby="deployments-title">
        <h2 id="deployments-title">Recent deployments</h2>
        <div class="panel">\(deployments.isEmpty ? "<p class=\"none\">No deployment is on record.</p>" : table)</div>
        </section>

        """
    }

    private var table: Markup {
        """
        <table role="table" class="past"><thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">When</th>\
        <th role="columnheader" scope="col">Certificate</th><th role="columnheader" scope="col">Outcome</th>\
        <th role="columnheader" scope="col">Stations</th><th role="columnheader" scope="col" class="number">Took</th></tr></thead>
        <tbody role="rowgroup">\(deployments.map(row))</tbody></table>
        """
    }

    private func row(_ past: PastDeployment) -> Markup {
        let isDone = past.outcome == .deployed
        let when: Markup =
            past.date.map { date in
                """
                <time datetime="\(date.utc)" title="\(minuteTime(date))">\(distance(max(now.timeIntervalSince(date), 0))) ago</time> \
                <span class="when">\(minuteTime(date))</span>
                """
            } ?? ""
        return """
            <tr role="row" class="\(past.outcome.rawValue)"><td role="cell">\(when)</td><th role="rowheader" scope="row">\(past.lineage)</th>\
            <td role="cell" class="outcome"><svg class="mark" aria-hidden="true"><use href="#m-\(isDone ? "in-sync" : "missing")"/></svg> \
            \(past.outcome.rawValue)\(past.message.map { ": \($0)" } ?? "")</td>\
            <td role="cell">\(past.stations.joined(separator: ", "))</td><td role="cell" class="number">\(past.milliseconds) ms</td></tr>

            """
    }
}
