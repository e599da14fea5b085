internal import COpenSSL

/// Sole owner of one `EC_GROUP *`.
///
/// `@unchecked Sendable`: a named curve is never changed once it is made, and every call here only reads it.
@safe final class CurveHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    /// Finds a curve by its dotted identifier.
    private init(_ identifier: String) throws(CryptoError) {
        ERR_clear_error()
        let name = unsafe OBJ_txt2nid(identifier)
        guard name != NID_undef, let group = unsafe EC_GROUP_new_by_curve_name(name) else {
            throw .taken(during: "looking up the curve \(identifier)")
        }
        unsafe pointer = group
    }

    /// The curve of most keys, kept: making one takes as long as a multiplication on it.
    private static let p256 = try? CurveHandle("1.2.840.10045.3.1.7")

    /// The curve that `content` identifies.
    static func named(_ bytes: Span<UInt8>, _ content: Range<Int>) throws(CryptoError) -> CurveHandle {
        if bytes.objectIdentifier(content) == ObjectIdentifier.p256, let p256 { return p256 }
        return try CurveHandle(bytes.dottedIdentifier(content))
    }

    deinit { unsafe EC_GROUP_free(pointer) }

    /// The uncompressed point that belongs to a scalar from 1 to below the order.
    func point(ofScalar bytes: Span<UInt8>) throws(CryptoError) -> [UInt8] {
        let action = "computing the public half of a key"
        let scalar = try BigNumber(bytes)
        guard unsafe BN_is_zero(scalar.pointer) == 0,
            unsafe BN_cmp(scalar.pointer, EC_GROUP_get0_order(pointer)) < 0
        else { throw CryptoError(action: action, reason: "the number is out of the curve's range") }
        ERR_clear_error()
        guard let point = unsafe EC_POINT_new(pointer) else { throw .taken(during: action) }
        defer { unsafe EC_POINT_free(point) }
        guard unsafe EC_POINT_mul(pointer, point, scalar.pointer, nil, nil, nil) == 1 else {
            throw .taken(during: action)
        }
        let capacity = 2 * Int(unsafe (EC_GROUP_get_degree(pointer) + 7) / 8) + 1
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            count = unsafe EC_POINT_point2oct(
                pointer, point, POINT_CONVERSION_UNCOMPRESSED, buffer.baseAddress, buffer.count, nil)
        }
    }
}
