/** RFC 3550, section 6.4.1 and appendix A.8: each difference counts for a sixteenth. */
const gain = 1 / 16;

/**
 * How unevenly datagrams travel: the smoothed difference between the travelling times of one and the next, as RTP (RFC 3550,
 * section 6.4.1) and iperf3 report it. The clocks of the two ends need not agree, for only differences count.
 */
export class Jitter {
  /** Microseconds. */
  value = 0;
  private travel = Number.NaN;

  /** In the order of arrival. @param sent, arrived microseconds, each on its end's clock */
  add(sent: number, arrived: number): void {
    const travel = arrived - sent;
    if (!Number.isNaN(this.travel)) this.value += (Math.abs(travel - this.travel) - this.value) * gain;
    this.travel = travel;
  }
}
