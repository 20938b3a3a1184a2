import { describe, expect, it } from "vitest"
import { CableError, type ErrorData } from "../../shared/errors.ts"

describe("a cable error", () => {
  it("says by its code what went wrong, and in its message what to do", () => {
    const error = new CableError("bad-option", "linger must be a number from 0 up.")
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toBe("CableError: linger must be a number from 0 up.")
    expect(error.code).toBe("bad-option")
  })

  it("keeps its cause", () => {
    const cause = new TypeError("cyclic")
    expect(new CableError("bad-identifier", "Make it plain.", { cause }).cause).toBe(cause)
  })

  it("is itself again after it has crossed the bridge as data", () => {
    const data = structuredClone<ErrorData>({ code: "wrong-identity", message: "This hub is somebody else's." })
    const error = CableError.from(data)
    expect(error).toBeInstanceOf(CableError)
    expect({ code: error.code, message: error.message }).toEqual(data)
  })
})
