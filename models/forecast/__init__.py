"""Looking ahead: forecasts with intervals, the best time to trade, and the price that sells in time.

series      a regular series with gaps
candidates  the ways to forecast one
rolling     their errors from rolling origins: which wins, and how wide an interval must be
outlook     the forecast of one series, with what supports it
market      the series a snapshot holds: levels of segments, sales, published prices
shapes      what is answered
selling     the chance that an offer at a price is sold within a time
offers      the offers a snapshot has seen begin and end
"""
