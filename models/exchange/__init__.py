"""Values without the dollar: in other measures, as ratios of two things, and as what is on offer for a thing."""
