import NIOCore

/// Bounds what one connection may cost: how long a request takes to arrive, how large it is, how long its answer takes to be
/// read, and that there is one.
///
/// Nothing but a close helps against a client that keeps to a byte now and then, since each of them is progress.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer

    /// What whoever answers tells by way of the channel.
    enum Moment: Sendable {
        /// The request is there.
        case arrived
        /// The answer is ready.
        case answering
        /// The answer was handed over to the system.
        case answered
    }

    struct Limits: Sendable {
        /// For a request to arrive.
        var arrival = TimeAmount.seconds(10)
        /// For an answer to be taken.
        var delivery = TimeAmount.seconds(30)
        /// For a client to close the connection after that.
        var farewell = TimeAmount.seconds(2)
        /// Bytes that one connection may send.
        var size = 2 * APIResponder.bodyLimit
    }

    private let limits: Limits
    private var late: Scheduled<Void>?
    private var received = 0
    private var isOver = false

    init(_ limits: Limits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) { close(context, in: limits.arrival) }

    func handlerRemoved(context: ChannelHandlerContext) { late?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        late?.cancel()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A second request is none of certd's, nor is what comes after one that is too large.
        guard !isOver else { return }
        received += unwrapInboundIn(data).readableBytes
        guard received <= limits.size else {
            isOver = true
            return context.close(promise: nil)
        }
        context.fireChannelRead(data)
    }

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let moment = event as? Moment else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        switch moment {
        case .arrived: late?.cancel()
        case .answering: close(context, in: limits.delivery)
        case .answered:
            isOver = true
            // What a client still sends is not read; a close at once would take the answer from it.
            context.close(mode: .output, promise: nil)
            close(context, in: limits.farewell)
        }
        promise?.succeed()
    }

    private func close(_ context: ChannelHandlerContext, in time: TimeAmount) {
        late?.cancel()
        late = context.eventLoop.assumeIsolated().scheduleTask(in: time) { context.close(promise: nil) }
    }
}
