import CertKit
import ServiceLifecycle

/// A lineage whose bundle only root may write.
struct RootOrder: Sendable {
    let lineage: Lineage
    let inventory: Inventory
}

/// Asks root for what the daemon may not write, beside the daemon's loop, which goes on with the other lineages.
struct RootDesk: Service {
    let controller: DaemonController

    func run() async {
        // Root goes on with what it has begun; the next daemon will see what came of it.
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for await order in controller.rootOrders {
                    group.addTask {
                        let deployment = RootDeployment(inventory: order.inventory)
                        controller.inbox.add(await deployment.run(order.lineage))
                    }
                }
            }
        }
    }
}
