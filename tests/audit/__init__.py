"""The supply chain, looked at: `make audit`.

What k6ws is made of, under which licences, from where; what must not lie in the repository; which faults are
known. Everything but the last works without a network. It is no gate: what others publish turns nothing red.
"""
