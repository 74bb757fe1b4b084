"""What is to be seen in a picture, worked out but not drawn: plain arrays that travel from a worker.

`breaks` finds where a curve or a surface must not be joined, `views` how much of it to show. `tangent`, `field`,
`surface` and `learning` hold what the figures of those names draw.
"""
