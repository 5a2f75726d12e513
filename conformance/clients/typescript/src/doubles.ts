// IEEE doubles, each result the double nearest to the true one (ties to even).
//
// The curve's rates are published to the last bit, and JavaScript leaves `Math.exp` and `**` to the engine, which may
// be a bit off. So these two are computed in integers first and rounded once.

/** Bits behind the point of the fixed-point numbers here. */
const FRACTION = 512n;
const UNIT = 1n << FRACTION;

/** The argument of the series is halved so often before, and the result squared so often after. */
const HALVINGS = 40n;

/** e to the power of more than this is no double. */
const LARGEST_EXPONENT = 710;

/** More bits than a double has, so that the last one can stand for all that would follow. */
const ENOUGH = 64;

/** x³ of a double that is not negative, rounded once. */
export function cubed(x: number): number {
  const [numerator, denominator] = fraction(x);
  return nearest(numerator ** 3n, denominator ** 3n);
}

/** e to the power of a double that is not negative, rounded once. */
export function exp(x: number): number {
  if (x > LARGEST_EXPONENT) return Infinity;
  const [numerator, denominator] = fraction(x);
  const small = ((numerator << FRACTION) / denominator) >> HALVINGS;
  let power = series(small);
  for (let i = 0n; i < HALVINGS; i++) power = (power * power) >> FRACTION;
  return nearest(power, UNIT);
}

/** 1 + x + x²/2! + …, in fixed point. */
function series(x: bigint): bigint {
  let sum = 0n;
  let term = UNIT;
  for (let n = 1n; term > 0n; n++) {
    sum += term;
    term = ((term * x) >> FRACTION) / n;
  }
  return sum;
}

/** A double as the exact fraction that it is. */
function fraction(x: number): [numerator: bigint, denominator: bigint] {
  if (!Number.isFinite(x)) throw new RangeError(`${x} is no rate`);
  let denominator = 1n;
  for (; !Number.isInteger(x); x *= 2) denominator *= 2n;
  return [BigInt(x), denominator];
}

/** The double nearest to a fraction: `Number` rounds a bigint correctly, and dividing by a power of two is exact. */
function nearest(numerator: bigint, denominator: bigint): number {
  const shift = BigInt(Math.max(0, ENOUGH + bits(denominator) - bits(numerator)));
  const shifted = numerator << shift;
  const rest = shifted % denominator === 0n ? 0n : 1n;
  return Number((shifted / denominator) | rest) / Number(1n << shift);
}

function bits(value: bigint): number {
  return value.toString(2).length;
}
