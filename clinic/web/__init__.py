"""The edge: requests become work, work becomes pages."""
