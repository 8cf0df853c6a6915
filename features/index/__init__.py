"""Price indices and series: how prices moved, with what was sold held fixed.

panel   a long table of prices as a matrix of units by periods
geks    bilateral Jevons indices made transitive
dummy   the time-product-dummy regression
window  a rolling window, spliced, whose published values are never revised
series  a robust local level of one contaminated series
season  trend and season of one series, shrunk to its parent's
"""
