internal import COpenSSL

/// An OCSP response, as far as it tells whose it is (RFC 6960, 4.2.1); neither its signature nor its time is looked at.
public struct OCSPResponse: Sendable {
    /// The serials of the certificates that it is about.
    public let serials: [SerialNumber]

    /// Reads DER; nil where it is none, or says that the responder had no answer.
    public init?(der: [UInt8]) {
        ERR_clear_error()
        let response = unsafe der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return unsafe d2i_OCSP_RESPONSE(nil, &cursor, bytes.count)
        }
        guard let response = unsafe response else { return nil }
        defer { unsafe OCSP_RESPONSE_free(response) }
        guard let basic = unsafe OCSP_response_get1_basic(response) else { return nil }
        defer { unsafe OCSP_BASICRESP_free(basic) }
        serials = unsafe (0..<OCSP_resp_count(basic)).compactMap { unsafe serial(ofResponse: $0, in: basic) }
    }
}

/// Everything on the way is lent by `basic`.
private func serial(ofResponse index: CInt, in basic: OpaquePointer) -> SerialNumber? {
    guard let single = unsafe OCSP_resp_get0(basic, index), let id = unsafe OCSP_SINGLERESP_get0_id(single) else {
        return nil
    }
    var number: UnsafeMutablePointer<ASN1_INTEGER>?
    guard unsafe OCSP_id_get0_info(nil, nil, nil, &number, id) == 1, let number = unsafe number,
        let bytes = unsafe ASN1_STRING_get0_data(number)
    else { return nil }
    let count = unsafe Int(ASN1_STRING_length(number))
    return unsafe SerialNumber(bytes: Array(UnsafeBufferPointer(start: bytes, count: count)))
}
